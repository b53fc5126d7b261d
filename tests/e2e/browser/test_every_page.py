"""Every page, on a phone and at a desk, light and dark: usable by any means, and a picture of it."""

import pytest

pytestmark = pytest.mark.slow
