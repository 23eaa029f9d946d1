from django.http import HttpRequest, HttpResponse


def add(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def photo(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def file(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)
