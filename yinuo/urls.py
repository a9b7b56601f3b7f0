"""Every URL of the product, gathered from the edges. Each declares what it needs; a test walks them all."""

from importlib.util import find_spec

from django.urls import include, path

urlpatterns = [
    path("api/", include("yinuo.api.urls")) if find_spec("yinuo.api") and find_spec("yinuo.api.urls") else None,
    path("p/", include("yinuo.channels.portal.urls"))
    if find_spec("yinuo.channels.portal") and find_spec("yinuo.channels.portal.urls")
    else None,
    path("hooks/sms/", include("yinuo.channels.sms.urls")),
    path("", include("yinuo.web.urls")),
]
urlpatterns = [u for u in urlpatterns if u is not None]

handler400 = "yinuo.web.problems.bad_request"
handler403 = "yinuo.web.problems.refused"
handler404 = "yinuo.web.problems.missing"
handler500 = "yinuo.web.problems.broken"
