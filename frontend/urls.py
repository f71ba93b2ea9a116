"""The addresses of the pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("projects/<int:pk>/", views.project, name="project"),
    path("datasets/<int:pk>/", views.dataset, name="dataset"),
    path("datasets/<int:pk>/explore/", views.explore, name="explore"),
    path("campaigns/<int:pk>/", views.board, name="campaign"),
    path("campaigns/<int:pk>/review/", views.review, name="review"),
    path("campaigns/<int:pk>/tutorial/", views.tutorial, name="tutorial"),
    path("work/", views.work, name="work"),
    path("campaigns/<int:pk>/disputes/", views.disputes, name="disputes"),
    path("campaigns/<int:pk>/fixes/", views.fixes, name="fixes"),
    path("campaigns/<int:pk>/reviewers/<str:username>/", views.reviewer, name="reviewer"),
    path("datasets/<int:pk>/changes/", views.changes, name="changes"),
    path("items/<int:pk>/", views.item, name="item"),
    path("projects/<int:pk>/log/", views.log, name="log"),
    path("campaigns/<int:pk>/report/", views.quality_report, name="report"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
    path("begin/<str:token>/", views.begin, name="begin"),
    path("email/<str:token>/", views.confirm_email, name="confirm-email"),
]
