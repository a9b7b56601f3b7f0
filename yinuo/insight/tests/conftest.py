from yinuo.complaints.tests.conftest import at as at
from yinuo.complaints.tests.conftest import firm as firm
from yinuo.complaints.tests.conftest import made_firm as made_firm
from yinuo.complaints.tests.conftest import reactions as reactions
