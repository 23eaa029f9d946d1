"""For the messages on top of every page."""

from django import template

from treatments.views import slips

register = template.Library()
register.filter("undo_of", slips.undo_of)
