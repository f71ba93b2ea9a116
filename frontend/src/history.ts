import "./audit-log";
import "./item-history";
import "./reviewer-care";
import "./version-changes";
