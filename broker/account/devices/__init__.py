"""« Appareils connectés »: where the person is signed in, which browsers are known again, and how to end both."""
