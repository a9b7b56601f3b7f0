"""The public pages alone: these tests say nothing of the staff's pages."""

from django.urls import include, path

urlpatterns = [path("p/", include("yinuo.channels.portal.urls"))]
