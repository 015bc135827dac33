"""Signing in, enrolment, and what people do with their own account. The ceremonies are django-allauth's."""
