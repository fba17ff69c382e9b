"""睦邻集市: a neighbourhood market from plan to public fund page, one package per noun of the field."""
