"""What people mean by what they type: everyday words, pinyin, slips; and whether somebody sells it.

A pure engine, as `allocation` is: it knows no page, no table and no language of a page. The words are data
(`words.csv`, `said_around.txt`); `words` reads them, `readings` knows how characters are read, `sounds`
compares how texts sound, `question` finds what is meant, `offer` whether a stall has it.
"""
