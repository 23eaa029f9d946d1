from django.http import HttpRequest, HttpResponse


def chart(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)
