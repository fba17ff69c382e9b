"""Routes by what people do: read and print reports, take all data along."""

from __future__ import annotations

from market.reports.views import data as data, figures as figures
