"""A file that is too large is refused while it arrives, and is not kept on disk first."""

import functools
from collections.abc import Callable
from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from clinic.pages import View


class AtMost(FileUploadHandler):
    """Stands before the handlers that keep a file. `refused` says that one was too large."""

    def __init__(self, largest: int) -> None:
        super().__init__()
        self.largest, self.refused, self.announced = largest, False, 0

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, boundary: str, encoding: str | None = None
    ) -> None:
        self.announced = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        # The other fields of the form are small.
        if self.announced > self.largest + 65_536:
            self.refused = True
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > self.largest:
            self.refused = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def taking_at_most(largest: int) -> Callable[[View], View]:
    """For a view with an upload: `request.too_large` says that a file was refused for its size."""

    def wrap(view: View) -> View:
        protected = csrf_protect(view)

        # The form's token stands in the body, which is read with our handler: so it is asked for after that is set.
        @csrf_exempt
        @functools.wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            handler = AtMost(largest)
            request.upload_handlers.insert(0, handler)
            if request.method == "POST":
                request.POST  # noqa: B018  (reads the body)
            request.too_large = handler.refused  # type: ignore[attr-defined]
            return protected(request, *args, **kwargs)

        return run

    return wrap
