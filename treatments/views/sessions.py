from django.http import HttpRequest, HttpResponse


def start(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def bruising_found(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def session(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def finish(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)
