import "./contested-checks";
import "./dispute-desk";
import "./fix-list";
