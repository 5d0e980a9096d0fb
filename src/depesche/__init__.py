"""Depesche: a financial-news portal that you host yourself."""
