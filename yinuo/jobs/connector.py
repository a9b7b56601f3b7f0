"""The worker's connections to the queue, and the one by which its jobs queue more."""

from procrastinate.connector import BaseConnector
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector


class WorkerConnector(PsycopgConnector):
    """Fetches and finishes jobs on connections of its own, from the worker's event loop.

    What a job, or a thread beside the loop, defers goes through the connection that thread writes on: it is queued by
    the commit and gone with a rollback, as in the web. By the worker's own connections it could be taken up before the
    rows it is about are there, and their event loop is not that of a thread.
    """

    def get_sync_connector(self) -> BaseConnector:
        return DjangoConnector()


def connector() -> WorkerConnector:
    return WorkerConnector(kwargs=connector_params("default"))
