from django.http import HttpRequest, HttpResponse


def none_seen(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def log(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def side_effect(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def review(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def enter_in_error(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def wrong_patient(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)
