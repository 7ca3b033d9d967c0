"""J-V sweeps: from a curve to Voc, Jsc, FF and PCE, or to the flag that says why there are none.

    sweep = Sweep.of_current(voltage_v, current_ma, area_cm2, "reverse", irradiance_suns=1.0)
    values = extract(sweep)

Pure functions of numbers: nothing here opens a file, reads a clock or knows a database.
"""
