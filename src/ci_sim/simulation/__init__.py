"""From a configuration to runs: many at once (`ensemble`), or week by week with Mesa's face (`model`)."""
