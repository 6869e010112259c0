"""The association, from the interstitial to what becomes of it afterwards, under whatever people do."""
