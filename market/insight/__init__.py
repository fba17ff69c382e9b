"""How it went: the counters 场次, 家, 家次, 人次, 元 and 件, by market, community and region."""
