import RowwiseCommand

RowwiseCommand.start()
