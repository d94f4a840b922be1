// The grid of records. Without any of this it is a table with links, filters and pages.
import "../sortable.js";
import "./columns.js";
import "./edit.js";
import "./heads.js";
import "./keys.js";
import "./scroll.js";
import "./select.js";
