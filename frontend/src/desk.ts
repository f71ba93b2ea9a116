import "./contested-checks";
import "./dispute-desk";
import "./fix-list";
import "./open-questions";
