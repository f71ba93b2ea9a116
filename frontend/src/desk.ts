import "./dispute-desk";
import "./fix-list";
