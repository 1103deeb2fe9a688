"""Answer a question with Spark: spark-submit with_spark.py DIR weekly|languages|teams (pip install pyspark; Java)."""

import csv
import sys
from pathlib import Path

from pyspark.sql import SparkSession

folder, question = sys.argv[1:]
spark = SparkSession.builder.appName("copilot-usage").getOrCreate()
for table in ("days", "breakdown"):
    spark.read.parquet(f"{folder}/{table}").createOrReplaceTempView(table)
answer = spark.sql(Path(__file__).with_name(f"{question}.sql").read_text("utf-8"))
writer = csv.writer(sys.stdout, lineterminator="\n")
writer.writerow(answer.columns)
writer.writerows(answer.collect())
