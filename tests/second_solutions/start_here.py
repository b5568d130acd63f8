def time_average(x):
    return (x.astype("float32").astype(float) * 0 + x).T.mean(0)
