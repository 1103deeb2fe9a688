"""Answer a question with Polars: python with_polars.py DIR weekly|languages|teams (pip install polars)."""

import sys
from datetime import timedelta

import polars as pl


def rate(accepted: str, suggested: str) -> pl.Expr:
    """Divide sums by sums, over the rows in which both counts are known; null without suggestions."""
    both = pl.col(accepted).is_not_null() & pl.col(suggested).is_not_null()
    below = pl.col(suggested).filter(both).sum()
    return (pl.col(accepted).filter(both).sum() / pl.when(below > 0).then(below)).alias("acceptance_rate")


def total(name: str, column: str) -> pl.Expr:
    """Add up what is known; null where nothing is, which Polars would call 0."""
    return pl.when(pl.col(column).count() > 0).then(pl.col(column).sum()).alias(name)


OF_DAYS = (
    pl.len().alias("days"),
    total("suggestions", "total_suggestions_count"),
    total("acceptances", "total_acceptances_count"),
    rate("total_acceptances_count", "total_suggestions_count"),
    pl.col("total_active_users").mean().alias("active_users_mean"),
    pl.col("total_active_users").max().alias("active_users_peak"),
)
SCOPE = ("host", "enterprise", "organization", "team")


def weekly(days: pl.LazyFrame, _: pl.LazyFrame) -> pl.LazyFrame:
    """Roll up each organization by week, which is named by its Monday."""
    keys = ("host", "organization", pl.col("day").dt.truncate("1w").alias("week"))
    return days.filter(pl.col("kind") == "org").group_by(*keys).agg(OF_DAYS).sort("host", "organization", "week")


def languages(_: pl.LazyFrame, breakdown: pl.LazyFrame) -> pl.LazyFrame:
    """Find the ten largest languages of all teams. Who is in two teams counts in both."""
    sums = (
        total("suggestions", "suggestions_count"),
        total("acceptances", "acceptances_count"),
        rate("acceptances_count", "suggestions_count"),
    )
    found = breakdown.filter(pl.col("kind") == "team").group_by("language").agg(sums)
    return found.sort("suggestions", "language", descending=[True, False], nulls_last=True).head(10)


def teams(days: pl.LazyFrame, _: pl.LazyFrame) -> pl.LazyFrame:
    """Sum up every team in the 365 days that end with the last one held."""
    last = days.select(pl.col("day").max()).collect().item()
    of_year = (pl.col("kind") == "team") & (pl.col("day") > last - timedelta(days=365))
    return days.filter(of_year).group_by(*SCOPE).agg(OF_DAYS).sort(*SCOPE, nulls_last=True)


folder, question = sys.argv[1:]
tables = (pl.scan_parquet(f"{folder}/{table}/*/*.parquet", hive_partitioning=True) for table in ("days", "breakdown"))
answer = {"weekly": weekly, "languages": languages, "teams": teams}[question](*tables)
sys.stdout.write(answer.collect().write_csv())
