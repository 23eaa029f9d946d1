from django.http import HttpRequest, HttpResponse


def worklists(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def close_clear_again(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)
