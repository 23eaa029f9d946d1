"""How the API's lists are paged. Apart from clinic/api.py for the reason clinic/api_access.py gives."""

from typing import Any

from rest_framework import exceptions
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from clinic.paging import keyset_page


class KeysetPagination(BasePagination):
    """By cursor: `?cursor=` names the row to go on after (or before), and nothing else of it stands in the address.

    The queryset's own ordering decides, so it must end in something unique. No OFFSET, no totals; at most 100 a page.
    """

    default_size, largest_size = 50, 100

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        size = self._size()
        self.page = keyset_page(queryset, request.query_params.get("cursor", ""), size)
        return self.page.rows

    def _size(self) -> int:
        text = self.request.query_params.get("page_size", "")
        if not text:
            return self.default_size
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= self.largest_size:
            raise exceptions.ValidationError({"page_size": ["A whole number from 1 to 100."]})
        return int(text)

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"next": self._link(self.page.next), "previous": self._link(self.page.previous), "results": data}
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": {**schema, "maxItems": self.largest_size}},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "schema": {"type": "string"},
                "description": "Out of `next` or `previous` of a page.",
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "minimum": 1, "maximum": self.largest_size, "default": self.default_size},
            },
        ]

    def _link(self, cursor: str) -> str | None:
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor) if cursor else None
