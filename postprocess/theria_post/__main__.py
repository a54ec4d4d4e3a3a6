# SPDX-License-Identifier: Apache-2.0
"""`python3 -m theria_post` is `theria-post`."""

import sys

from theria_post.cli import main

sys.exit(main())
