from django.http import HttpRequest, HttpResponse


def today(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def day_list(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)
