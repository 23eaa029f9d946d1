from django.http import HttpRequest, HttpResponse


def appointment(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def move(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def step(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)
