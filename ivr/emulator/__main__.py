import sys

from ivr.emulator.command import main

sys.exit(main())
