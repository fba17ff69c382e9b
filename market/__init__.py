"""睦邻集市: a neighbourhood market from the plan to the public fund page, one package per noun of the field."""
