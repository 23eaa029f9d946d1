"""Photos in an S3-compatible bucket, from the environment. Read by settings.py, so nothing of Django's is asked here."""

from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

# A signed address lets whoever holds it in without a sign-in, so it is good for the browser's next request only.
ADDRESS_SECONDS = 60


def s3_storage(env: environ.Env, bucket: str) -> tuple[dict[str, Any], str]:
    """The storage's entry for STORAGES, and the origin that a browser fetches its signed addresses from.

    Raises ImproperlyConfigured where it is half-configured.
    """
    endpoint = env.str("PHOTOS_S3_ENDPOINT", default="").rstrip("/")
    region = env.str("PHOTOS_S3_REGION", default="")
    key, secret = env.str("PHOTOS_S3_KEY", default=""), env.str("PHOTOS_S3_SECRET", default="")
    if not endpoint and not region:
        raise ImproperlyConfigured(
            "PHOTOS_S3_BUCKET is set: set PHOTOS_S3_ENDPOINT too, or for Amazon PHOTOS_S3_REGION."
        )
    if bool(key) != bool(secret):
        raise ImproperlyConfigured(
            "Set both PHOTOS_S3_KEY and PHOTOS_S3_SECRET, or neither (then the machine's role counts)."
        )
    options = {
        "bucket_name": bucket,
        "endpoint_url": endpoint or None,
        "region_name": region or "us-east-1",
        "access_key": key or None,
        "secret_key": secret or None,
        # Nobody is let in by the bucket; who may see a photo is asked by our doors, which then sign one address.
        "default_acl": None,
        "querystring_auth": True,
        "querystring_expire": ADDRESS_SECONDS,
        "signature_version": "s3v4",
        "addressing_style": "path" if endpoint else "virtual",
        "file_overwrite": False,
        "object_parameters": {"CacheControl": "private, no-store"},
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}, _origin(endpoint, region, bucket)


def _origin(endpoint: str, region: str, bucket: str) -> str:
    if not endpoint:
        return f"https://{bucket}.s3.{region}.amazonaws.com"
    parts = urlsplit(endpoint)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ImproperlyConfigured("PHOTOS_S3_ENDPOINT is an address such as https://s3.example.org.")
    return f"{parts.scheme}://{parts.netloc}"
