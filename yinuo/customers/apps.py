from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "yinuo.customers"
    label = "customers"
