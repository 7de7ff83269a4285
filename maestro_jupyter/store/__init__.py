"""Where experiments are kept: tables, migrations, the collector, and one repository per noun."""
