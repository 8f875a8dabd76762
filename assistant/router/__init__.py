"""From a turn to the tool that answers it and the text it works on."""
