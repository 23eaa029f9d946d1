"""Lists and patients' own data as files."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from clinic.pages import needs


@require_POST
@needs("export-lists")
def start(request: HttpRequest, code: str) -> HttpResponse:
    raise NotImplementedError
