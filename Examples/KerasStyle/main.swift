print("KerasStyle")
