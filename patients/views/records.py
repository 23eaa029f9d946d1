from django.http import HttpRequest, HttpResponse


def patient_list(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def register(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def edit(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)
