print("rowwise")
