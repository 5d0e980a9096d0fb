"""All SQL: the schema and one module per noun."""
