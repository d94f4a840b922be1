"""Tables as files: reading CSV and XLSX that strangers made, writing CSV, XLSX and JSON that others can trust."""
