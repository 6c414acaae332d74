"""The edits that mend findings: made at the place that a check names, kept where the file is right afterwards.

Each is made from the syntax at its place, or not at all: where the text is not of the form that the edit is for, there
is none. `offered` makes those that a check asks for, `in_settings` those of a YAML file, and `kept` looks at the file
once more with each of them made.
"""

from vaelint.edits.again import Offers as Offers
from vaelint.edits.again import kept as kept
from vaelint.edits.offer import EDITS as EDITS
from vaelint.edits.offer import Wanted as Wanted
from vaelint.edits.offer import in_settings as in_settings
from vaelint.edits.offer import offered as offered
