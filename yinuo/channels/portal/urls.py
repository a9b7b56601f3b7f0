"""The public pages, mounted at /p/."""

from yinuo.channels.portal.pages import public
from yinuo.channels.portal.views import (
    agreement,
    home,
    progress,
    rating,
    restatement,
    share,
    submit,
    survey,
    track,
    uploads,
)

BOTH = ("GET", "POST")
POST = ("POST",)

urlpatterns = [
    public("", home.home, name="portal_home"),
    public("new/<str:kind>/", submit.write, name="portal_write", methods=BOTH),
    public("upload/", uploads.receive, name="portal_upload", methods=POST),
    public("upload/discard/", uploads.discard, name="portal_discard", methods=POST),
    public("track/", track.track, name="portal_track", methods=BOTH),
    public("track/code/", track.code, name="portal_code", methods=POST),
    public("leave/", track.leave, name="portal_leave", methods=POST),
    public("c/<str:token>/", progress.case, name="portal_case"),
    public("c/<str:token>/open/", track.open_case, name="portal_open", methods=POST),
    public("c/<str:token>/add/", progress.add, name="portal_add", methods=POST),
    public("c/<str:token>/further/", progress.further, name="portal_further", methods=POST),
    public("c/<str:token>/file/<int:attachment_id>/", progress.file, name="portal_file"),
    public("r/<str:token>/", restatement.restatement, name="portal_restatement", methods=BOTH),
    public("a/<str:token>/", agreement.agreement, name="portal_agreement", methods=BOTH),
    public("v/<str:token>/", rating.rating, name="portal_rating", methods=BOTH),
    public("s/<str:token>/", survey.survey, name="portal_survey", methods=BOTH),
    public("c/<str:token>/share/", share.switch, name="portal_share", methods=POST),
    public("t/<str:token>/", share.shared, name="portal_shared"),
]
