"""What a calibration finds out: from records to values of the bench file. It opens no port."""
